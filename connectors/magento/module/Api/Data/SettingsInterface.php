<?php

declare(strict_types=1);

namespace LoyaltyBridge\Loyalty\Api\Data;

/**
 * What the module has to know of the bridge.
 *
 * @api
 */
interface SettingsInterface
{
    /**
     * Where events are sent to; empty: nowhere.
     *
     * @return string|null
     */
    public function getEventsUrl(): ?string;

    /**
     * Where events are sent to; empty: nowhere.
     *
     * @param string|null $eventsUrl
     * @return void
     */
    public function setEventsUrl(?string $eventsUrl): void;

    /**
     * What they are signed with; empty: as before.
     *
     * @return string|null
     */
    public function getEventsSecret(): ?string;

    /**
     * What they are signed with; empty: as before.
     *
     * @param string|null $eventsSecret
     * @return void
     */
    public function setEventsSecret(?string $eventsSecret): void;

    /**
     * What a signed query is put behind, for links to members' pages.
     *
     * @return string|null
     */
    public function getMemberUrl(): ?string;

    /**
     * What a signed query is put behind, for links to members' pages.
     *
     * @param string|null $memberUrl
     * @return void
     */
    public function setMemberUrl(?string $memberUrl): void;

    /**
     * What these links are signed with; empty: as before.
     *
     * @return string|null
     */
    public function getLinkSecret(): ?string;

    /**
     * What these links are signed with; empty: as before.
     *
     * @param string|null $linkSecret
     * @return void
     */
    public function setLinkSecret(?string $linkSecret): void;

    /**
     * What shoppers call the points.
     *
     * @return string|null
     */
    public function getPointsLabel(): ?string;

    /**
     * What shoppers call the points.
     *
     * @param string|null $pointsLabel
     * @return void
     */
    public function setPointsLabel(?string $pointsLabel): void;

    /**
     * A name for this state of the settings.
     *
     * @return string|null
     */
    public function getTold(): ?string;

    /**
     * A name for this state of the settings.
     *
     * @param string|null $told
     * @return void
     */
    public function setTold(?string $told): void;
}
