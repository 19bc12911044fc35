<?php

namespace Magento\Framework\GraphQl\Schema\Type;

class ResolveInfo
{
}
